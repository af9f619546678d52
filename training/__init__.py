"""Making the shipped model and the shipped samples. Not part of the product; may import anything."""

"""The classifier that runs on the owner's machine: the only place that knows onnxruntime, tokenizers, transformers."""

"""Where state lives: the only place that knows SQLAlchemy. Start at `database.open_store`."""

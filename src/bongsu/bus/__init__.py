"""The bus: what one server measures, on the screens of several."""

"""The bundled Stanza package and the models of the coder."""

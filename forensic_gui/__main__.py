"""`python -m forensic_gui`: the same as `forensic-gui`, for launchers that start a module, as torchrun."""

from forensic_gui.cli.main import program

if __name__ == "__main__":
    program()

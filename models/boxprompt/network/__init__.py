"""BoxPromptIML's light student (arXiv 2511.20359): backbone, gates, memory, dual guidance, refinement.

One module a component, each with the paper's symbols in its docstring. Importing this package imports torch.
"""

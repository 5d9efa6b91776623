from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_search(context, node, source, names):
    raise refusal(UNSUPPORTED, "the operator 'search' is not supported by Kelp", node.span)

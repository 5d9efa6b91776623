from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_find(context, node, names):
    raise refusal(UNSUPPORTED, "the operator 'find' is not supported by Kelp", node.span)

from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_parse(context, node, source, names):
    raise refusal(UNSUPPORTED, "the operator 'parse' is not supported by Kelp", node.span)

from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_mv_expand(context, node, source, names):
    raise refusal(UNSUPPORTED, "the operator 'mv-expand' is not supported by Kelp", node.span)

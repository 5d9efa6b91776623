from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_mv_apply(context, node, source, names):
    raise refusal(UNSUPPORTED, "the operator 'mv-apply' is not supported by Kelp", node.span)

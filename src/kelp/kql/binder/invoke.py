from kelp.kql.diagnostics import UNSUPPORTED, refusal


def bind_invoke(context, node, source, names):
    raise refusal(UNSUPPORTED, "the operator 'invoke' is not supported by Kelp", node.span)

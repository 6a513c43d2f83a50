# The products of the blocks in bfloat16; residuals, norms, embeddings, heads and losses stay in float32, and so do the parameters that the
# optimizer moves, as in automatic mixed precision.

def computed(self, p: Dict[str, Tensor]) -> Dict[str, Tensor]:
  # p: a backbone's parameters; returns those to compute with
  q = annotate(Dict[str, Tensor], {})
  for name in p.keys():
    if name.startswith("blocks.") and (".attn." in name or ".mlp." in name):
      q[name] = p[name].to(15)
    else:
      q[name] = p[name]
  return q

# Projects tokens to logits over prototypes: an MLP down to a bottleneck on the unit sphere, then a
# weight-normalised linear layer whose rows are the prototypes.

def dino_head(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  y = x                                                                   # N x D
  if prefix + "mlp.weight" in p:
    y = torch.linear(y, p[prefix + "mlp.weight"], p[prefix + "mlp.bias"])  # N x bottleneck
  i = 0
  while prefix + "mlp." + str(i) + ".weight" in p:
    if i > 0:
      y = torch.gelu(y)
    mlp = prefix + "mlp." + str(i)
    y = torch.linear(y, p[mlp + ".weight"], p[mlp + ".bias"])             # N x hidden, at last N x bottleneck
    i += 2
  y = y / y.norm(2, -1, True).clamp_min(1.0e-12)
  w = torch._weight_norm(p[prefix + "last_layer.weight_v"], p[prefix + "last_layer.weight_g"], 0)
  return torch.linear(y, w, None)                                         # N x K

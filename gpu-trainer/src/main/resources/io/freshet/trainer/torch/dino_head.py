# Projects tokens to logits over prototypes: an MLP down to a bottleneck on the unit sphere, then a
# weight-normalised linear layer whose rows are the prototypes.

def dino_head(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  y = x                                                                   # N x D
  if prefix + "mlp.weight" in p:
    y = self.affine(y, p[prefix + "mlp.weight"], p[prefix + "mlp.bias"])  # N x bottleneck
  i = 0
  while prefix + "mlp." + str(i) + ".weight" in p:
    weight, bias = p[prefix + "mlp." + str(i) + ".weight"], p[prefix + "mlp." + str(i) + ".bias"]
    i += 2
    if prefix + "mlp." + str(i) + ".weight" in p:
      y = self.affine_gelu(y, weight, bias)                               # N x hidden
    else:
      y = self.affine(y, weight, bias)                                    # N x bottleneck
  y = y / y.norm(2, -1, True).clamp_min(1.0e-12)
  w = torch._weight_norm(p[prefix + "last_layer.weight_v"], p[prefix + "last_layer.weight_g"], 0)
  return self.affine(y, w, None)                                          # N x K

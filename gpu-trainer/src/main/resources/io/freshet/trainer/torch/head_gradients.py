# dino_head forward and back with the derivatives written out, see block_gradients.

def head_forward(self, x: Tensor, p: Dict[str, Tensor], prefix: str, saved: Dict[str, Tensor]) -> Tensor:
  y = x                                                                   # N x D
  if prefix + "mlp.weight" in p:
    saved["mlp.x"] = y
    y = self.linear(y, p, prefix + "mlp")                                 # N x bottleneck
  i = 0
  while prefix + "mlp." + str(i) + ".weight" in p:
    layer = "mlp." + str(i)
    if i > 0:
      saved[layer + ".inner"] = y
      y = torch.gelu(y)
    saved[layer + ".x"] = y
    y = self.linear(y, p, prefix + layer)                                 # N x hidden, at last N x bottleneck
    i += 2
  norm = y.norm(2, -1, True).clamp_min(1.0e-12)
  y = y / norm
  saved["norm"] = norm
  saved["unit"] = y
  w = torch._weight_norm(p[prefix + "last_layer.weight_v"], p[prefix + "last_layer.weight_g"], 0)
  saved["w"] = w
  return self.affine(y, w, None)                                          # N x K

def head_backward(self, dlogits: Tensor, p: Dict[str, Tensor], prefix: str, saved: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
  unit = saved["unit"]
  dw = self.weight_gradient(dlogits, unit)                                # K x bottleneck
  v, g = p[prefix + "last_layer.weight_v"], p[prefix + "last_layer.weight_g"]
  length = v.norm(2, 1, True)                                             # K x 1
  direction = v / length
  along = (dw * direction).sum(1, True)
  grads[prefix + "last_layer.weight_g"] = along
  grads[prefix + "last_layer.weight_v"] = (dw - direction * along) * (g / length)

  dy = self.affine(dlogits, saved["w"].t(), None)                         # N x bottleneck
  dy = (dy - unit * (dy * unit).sum(1, True)) / saved["norm"]
  i = 0
  while prefix + "mlp." + str(i + 2) + ".weight" in p:
    i += 2
  while i >= 0 and prefix + "mlp." + str(i) + ".weight" in p:
    layer = "mlp." + str(i)
    dy = self.linear_backward(dy, saved[layer + ".x"], p, prefix + layer, grads)
    if i > 0:
      dy = torch.gelu_backward(dy, saved[layer + ".inner"])
    i -= 2
  if prefix + "mlp.weight" in p:
    dy = self.linear_backward(dy, saved["mlp.x"], p, prefix + "mlp", grads)
  return dy                                                               # N x D

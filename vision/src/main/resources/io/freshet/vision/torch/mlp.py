def mlp(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  weight = p[prefix + "fc1.weight"]
  y = self.affine_gelu(x.to(weight.dtype), weight, self.optional(p, prefix + "fc1.bias"))
  return self.linear(y, p, prefix + "fc2")

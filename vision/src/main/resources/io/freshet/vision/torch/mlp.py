def mlp(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  y = self.affine_gelu(x, p[prefix + "fc1.weight"], self.optional(p, prefix + "fc1.bias"))
  return self.linear(y, p, prefix + "fc2")

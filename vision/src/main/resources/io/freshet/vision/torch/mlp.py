def mlp(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  y = torch.gelu(self.linear(x, p, prefix + "fc1"))  # the exact, erf form
  return self.linear(y, p, prefix + "fc2")

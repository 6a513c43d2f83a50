def linear(self, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
  # x: ... x in, weight: out x in; the bias is optional
  bias: Optional[Tensor] = None
  if (name + ".bias") in p:
    bias = p[name + ".bias"]
  return torch.linear(x, p[name + ".weight"], bias)  # ... x out

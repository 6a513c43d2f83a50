def swiglu_ffn(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  gate, value = self.linear(x, p, prefix + "w12").chunk(2, -1)
  return self.linear(torch.silu(gate) * value, p, prefix + "w3")

def ffn(self, x: Tensor, p: Dict[str, Tensor], prefix: str) -> Tensor:
  if (prefix + "w12.weight") in p:
    return self.swiglu_ffn(x, p, prefix)
  return self.mlp(x, p, prefix)

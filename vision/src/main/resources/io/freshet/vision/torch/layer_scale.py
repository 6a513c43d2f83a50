def layer_scale(self, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
  if (name + ".gamma") in p:
    return x * p[name + ".gamma"]
  return x

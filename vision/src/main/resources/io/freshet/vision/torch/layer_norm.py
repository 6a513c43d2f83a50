def layer_norm(self, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
  return torch.layer_norm(x, [x.size(-1)], p[name + ".weight"], p[name + ".bias"], 1.0e-6)

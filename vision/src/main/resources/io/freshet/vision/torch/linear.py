def linear(self, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
  # x: ... x in, weight: out x in; the bias is optional
  return self.affine(x, p[name + ".weight"], self.optional(p, name + ".bias"))  # ... x out

def optional(self, p: Dict[str, Tensor], name: str) -> Optional[Tensor]:
  value: Optional[Tensor] = None
  if name in p:
    value = p[name]
  return value

def undifferentiated(self, x: Tensor) -> bool:
  # Whether a product of x may run in oneDNN, which autograd does not know. torch.linear runs in MKL, which leaves half of the speed of some
  # processors unused.
  return not (torch.is_grad_enabled() or x.is_cuda) and x.dtype == 6 and x.numel() > 0

def affine(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
  # The weight's type is that of the product.
  x = x.to(weight.dtype)
  if self.undifferentiated(x):
    return ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")
  return torch.linear(x, weight, bias)

def affine_gelu(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
  # the exact, erf form
  x = x.to(weight.dtype)
  if self.undifferentiated(x):
    return ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", annotate(List[Optional[number]], []), "none")
  return torch.gelu(torch.linear(x, weight, bias))

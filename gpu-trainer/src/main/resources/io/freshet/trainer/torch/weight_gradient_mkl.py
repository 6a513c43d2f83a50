# The gradient of a linear weight where MKL, unlike oneDNN, need not turn its operands round first.

def weight_gradient(self, dy: Tensor, x: Tensor) -> Tensor:
  return torch.mm(dy.t(), x)  # dy: S x out, x: S x in, out x in

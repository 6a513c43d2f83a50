# The gradient of a linear weight where MKL leaves half of the processor unused.

def weight_gradient(self, dy: Tensor, x: Tensor) -> Tensor:
  # dy: S x out, x: S x in; oneDNN is faster with the wider of both as its weight
  if dy.size(1) > x.size(1):
    return self.affine(x.t(), dy.t(), None).t()  # out x in
  return self.affine(dy.t(), x.t(), None)  # out x in

# Alignment and uniformity of features on the unit sphere (Wang and Isola, arXiv 2005.10242).

def unit_rows(self, x: Tensor) -> Tensor:
  return x / x.norm(2, -1, True).clamp_min(1.0e-12)

def alignment(self, x: Tensor, y: Tensor) -> Tensor:
  # Mean squared distance of the rows that belong together. x, y: N x D
  return (self.unit_rows(x) - self.unit_rows(y)).square().sum(-1).mean()

def uniformity(self, x: Tensor) -> Tensor:
  # log of the mean Gaussian potential exp(-2 |u - v|^2) over all pairs of different rows. x: N x D
  u = self.unit_rows(x)
  squared = (2 - 2 * (u @ u.t())).clamp_min(0)                            # N x N
  squared.fill_diagonal_(float("inf"))
  return ((-2 * squared).exp().sum() / (x.size(0) * (x.size(0) - 1))).log()

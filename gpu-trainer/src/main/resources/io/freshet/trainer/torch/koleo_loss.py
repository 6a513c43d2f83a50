# Kozachenko-Leonenko entropy: pushes every feature away from its nearest neighbour in the batch.

def koleo_loss(self, x: Tensor) -> Tensor:
  eps = 1.0e-8
  y = x / x.norm(2, -1, True).clamp_min(eps)          # B x D
  nearest = self.nearest_neighbours(y.detach())       # B
  # Features that coincide still lie eps apart in every dimension, so that neither loss nor gradient is infinite.
  distance = (y - y.index_select(0, nearest) + eps).norm(2, -1)  # B; the gradient flows into both ends
  return -(distance + eps).log().mean()

def nearest_neighbours(self, y: Tensor) -> Tensor:
  # y: B x D on the unit sphere
  similarity = y @ y.t()                              # B x B
  similarity.fill_diagonal_(-1)
  return similarity.argmax(1)

def koleo_coincidences(self, x: Tensor) -> Tensor:
  # How many features have their nearest neighbour in the same place, as far as float32 tells.
  y = x.detach() / x.detach().norm(2, -1, True).clamp_min(1.0e-8)
  distance = (y - y.index_select(0, self.nearest_neighbours(y))).norm(2, -1)  # B
  return (distance < 1.0e-6).sum()

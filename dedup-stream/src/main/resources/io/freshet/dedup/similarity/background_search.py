# How near vectors are to what else there is.

def nearest_means(self, queries: Tensor, background: Tensor, nearest: int, copies: float) -> Tensor:
  # queries: B x D, background: N x D; returns B means of the largest cosines up to "copies", NaN where there is none
  cosines = torch.matmul(queries, background.t())                                                # B x N
  cosines = cosines.masked_fill(cosines > copies, -2)
  largest = torch.topk(cosines, min(nearest, background.size(0)), 1)[0]                          # B x nearest
  counted = (largest > -1.5).float()
  return (largest * counted).sum(1) / counted.sum(1)

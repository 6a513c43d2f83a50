# RankMe (arXiv 2210.02885): exp of the entropy of the singular values, each as a share of their sum.

def effective_rank(self, x: Tensor) -> Tensor:
  values = torch.linalg_svdvals(x.double())
  shares = values / values.sum() + 1.0e-7
  return torch.exp(-torch.xlogy(shares, shares).sum()).float()

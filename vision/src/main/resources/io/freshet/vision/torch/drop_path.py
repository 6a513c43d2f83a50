# Stochastic depth in its efficient form: a residual is computed for a random subset of the samples only and added with the factor
# B / subset. The subsets are drawn outside, so that a step can be replayed. Several batches of different sizes travel as one sequence.

def pack(self, x_list: List[Tensor]) -> Tensor:
  D = x_list[0].size(-1)
  return torch.cat([x.reshape(1, -1, D) for x in x_list], 1)  # 1 x sum(B_i * N_i) x D

def unpack(self, packed: Tensor, batches: List[int], tokens: List[int]) -> List[Tensor]:
  lengths = [batches[i] * tokens[i] for i in range(len(batches))]
  parts = torch.split(packed, lengths, 1)
  return [parts[i].reshape(batches[i], tokens[i], packed.size(-1)) for i in range(len(batches))]

def select_kept(self, x_list: List[Tensor], kept: List[Tensor]) -> List[Tensor]:
  if len(kept) == 0:
    return x_list
  return [torch.index_select(x_list[i], 0, kept[i]) for i in range(len(x_list))]

def add_residual(self, x_list: List[Tensor], residuals: List[Tensor], kept: List[Tensor]) -> List[Tensor]:
  if len(kept) == 0:
    return [x_list[i] + residuals[i] for i in range(len(x_list))]
  sums = annotate(List[Tensor], [])
  for i in range(len(x_list)):
    x = x_list[i]
    scale = float(x.size(0)) / float(kept[i].size(0))
    y = torch.index_add(x.flatten(1), 0, kept[i], residuals[i].flatten(1).to(x.dtype), alpha=scale)
    sums.append(y.view_as(x))
  return sums

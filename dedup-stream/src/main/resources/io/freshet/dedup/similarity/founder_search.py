# The largest products of queries with founders. Rows of "all" beyond "size" are room for more.

def room(self, rows: int, elements: int, type: int) -> Tensor:
  return torch.zeros([rows, elements], dtype=type)

def put(self, all: Tensor, at: int, rows: Tensor):
  all.narrow(0, at, rows.size(0)).copy_(rows)

def nearest(self, queries: Tensor, all: Tensor, size: int, most: int) -> List[Tensor]:
  # queries: B x D; returns B x most cosines, the largest first, and their rows
  group = 32
  padded = min((size + group - 1) // group * group, all.size(0))
  cosines = torch.matmul(queries.to(all.dtype), all.narrow(0, 0, padded).t())                     # B x padded
  if padded <= most * group or padded % group != 0:
    values, rows = torch.topk(cosines.narrow(1, 0, size).float(), min(most, size), 1, True, True)
    return [values, rows]
  # The largest lie in the groups whose largest are the largest, which are much fewer to rank.
  cosines.narrow(1, size, padded - size).fill_(-2)
  groups = cosines.view(cosines.size(0), -1, group)                                              # B x padded / group x group
  first = torch.topk(groups.amax(2), most, 1, True, False)[1]
  within = groups.gather(1, first.unsqueeze(2).expand(-1, -1, group)).flatten(1).float()         # B x most * group
  values, at = torch.topk(within, most, 1, True, True)
  return [values, first.gather(1, at // group) * group + at % group]

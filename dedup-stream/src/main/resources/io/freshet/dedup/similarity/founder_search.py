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
  # The largest lie in the groups whose largest are the largest, which are much fewer to rank. A group takes every
  # padded / group-th row, so that all groups' largest are found by comparing whole rows of numbers.
  cosines.narrow(1, size, padded - size).fill_(-2)
  groups = cosines.view(cosines.size(0), group, -1)                                              # B x group x padded / group
  first = torch.topk(groups.amax(1), most, 1, True, False)[1]
  within = groups.gather(2, first.unsqueeze(1).expand(-1, group, -1)).flatten(1).float()         # B x group * most
  values, at = torch.topk(within, most, 1, True, True)
  return [values, first.gather(1, at % most) + at // most * groups.size(2)]

# The largest products of queries with founders. Rows of "all" beyond "size" are room for more.

def room(self, rows: int, elements: int, type: int) -> Tensor:
  return torch.zeros([rows, elements], dtype=type)

def put(self, all: Tensor, at: int, rows: Tensor):
  all.narrow(0, at, rows.size(0)).copy_(rows)

def pack(self, all: Tensor, size: int) -> __torch__.torch.classes.quantized.LinearPackedParamsBase:
  # 8 bits an element, each founder with a scale of its own, in the order in which the product reads them.
  founders = all.narrow(0, 0, self.padded(all, size))
  scales = (founders.abs().amax(1) / 127).clamp_min(1e-12)
  return ops.quantized.linear_prepack(torch.quantize_per_channel(founders, scales, torch.zeros([founders.size(0)], dtype=4), 0, 12), None)

def nearest_packed(self, queries: Tensor, packed: __torch__.torch.classes.quantized.LinearPackedParamsBase, count: int, all: Tensor, size: int, most: int) -> List[Tensor]:
  # The first "count" founders are packed, the others are multiplied as they are. Queries use all of the 8 bits.
  scales = queries.abs().amax(1, True).clamp_min(1e-12)
  scaled = queries / scales
  cosines = ops.quantized.linear_dynamic(scaled, packed, True)                                    # B x padded count
  if size > count:
    newer = all.narrow(0, count, self.padded(all, size) - count)
    cosines = torch.cat([cosines.narrow(1, 0, count), torch.matmul(scaled, newer.t())], 1)
  found = self.largest(cosines, size, most)
  return [found[0] * scales, found[1]]

def nearest(self, queries: Tensor, all: Tensor, size: int, most: int) -> List[Tensor]:
  # queries: B x D; returns B x most cosines, the largest first, and their rows
  cosines = torch.matmul(queries.to(all.dtype), all.narrow(0, 0, self.padded(all, size)).t())   # B x padded
  return self.largest(cosines, size, most)

def group(self) -> int:
  return 32

def padded(self, all: Tensor, size: int) -> int:
  # Whole groups, if there is room.
  group = self.group()
  return min((size + group - 1) // group * group, all.size(0))

def largest(self, cosines: Tensor, size: int, most: int) -> List[Tensor]:
  group = self.group()
  padded = cosines.size(1)
  if padded <= most * group or padded % group != 0:
    values, rows = torch.topk(cosines.narrow(1, 0, size).float(), min(most, size), 1, True, True)
    return [values, rows]
  # The largest lie in the groups whose largest are the largest, which are much fewer to rank. A group takes every
  # padded / group-th row, so that all groups' largest are found by comparing whole rows of numbers.
  cosines.narrow(1, size, padded - size).fill_(-1e9)
  groups = cosines.view(cosines.size(0), group, -1)                                              # B x group x padded / group
  first = torch.topk(groups.amax(1), most, 1, True, False)[1]
  within = groups.gather(2, first.unsqueeze(1).expand(-1, group, -1)).flatten(1).float()         # B x group * most
  values, at = torch.topk(within, most, 1, True, True)
  return [values, first.gather(1, at % most) + at // most * groups.size(2)]

def multi_head_attention(self, qkv: Tensor, heads: int) -> Tensor:
  B, N, D3 = qkv.shape
  D = D3 // 3
  q, k, v = qkv.reshape(B, N, 3, heads, D // heads).permute(2, 0, 3, 1, 4).unbind(0)  # each B x heads x N x D/heads
  y = torch.scaled_dot_product_attention(q, k, v)  # scale (D / heads) ** -0.5
  return y.transpose(1, 2).reshape(B, N, D)

def attention(self, x: Tensor, p: Dict[str, Tensor], prefix: str, heads: int) -> Tensor:
  y = self.multi_head_attention(self.linear(x, p, prefix + "qkv"), heads)  # B x N x D
  return self.linear(y, p, prefix + "proj")

def attention_packed(self, x: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], prefix: str, heads: int) -> Tensor:
  # x: 1 x sum(batches[i] * tokens[i]) x D. Projections run on the whole sequence; attention runs inside each sample, which equals
  # attention under a block-diagonal mask.
  qkv = self.linear(x, p, prefix + "qkv")  # 1 x S x 3D
  lengths = [batches[i] * tokens[i] for i in range(len(batches))]
  outputs = annotate(List[Tensor], [])
  start = 0
  for i in range(len(batches)):
    segment = qkv[:, start : start + lengths[i]].reshape(batches[i], tokens[i], qkv.size(-1))
    outputs.append(self.multi_head_attention(segment, heads).reshape(1, lengths[i], x.size(-1)))
    start = start + lengths[i]
  return self.linear(torch.cat(outputs, 1), p, prefix + "proj")  # 1 x S x D

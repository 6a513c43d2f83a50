def head_scale(self, D: int, heads: int) -> float:
  return (D // heads) ** -0.5

def explicit_attention(self, qkv: Tensor) -> bool:
  # On a CPU the fused kernel pays for long sequences only; below, two batched products and a softmax take less time.
  return not qkv.is_cuda and qkv.size(1) <= 320

def split_heads(self, qkv: Tensor, heads: int) -> Tensor:
  B, N, D3 = qkv.shape
  return qkv.reshape(B, N, 3, heads, D3 // (3 * heads)).permute(2, 0, 3, 1, 4)  # 3 x B x heads x N x D/heads

def join_heads(self, y: Tensor) -> Tensor:
  B, heads, N, d = y.shape
  return y.transpose(1, 2).reshape(B, N, heads * d)

def attention_weights(self, q: Tensor, k: Tensor, scale: float) -> Tensor:
  # q, k: B*heads x N x D/heads
  scores = torch.baddbmm(q.new_empty([1, 1, 1]), q, k.transpose(1, 2), beta=0, alpha=scale)
  return torch.softmax(scores, -1)  # B*heads x N x N

def multi_head_attention(self, qkv: Tensor, heads: int) -> Tensor:
  B, N, D3 = qkv.shape
  if self.explicit_attention(qkv):
    d = D3 // (3 * heads)
    q, k, v = self.split_heads(qkv, heads).reshape(3, B * heads, N, d).unbind(0)
    y = torch.bmm(self.attention_weights(q, k, self.head_scale(D3 // 3, heads)), v)
    return self.join_heads(y.view(B, heads, N, d))
  q, k, v = self.split_heads(qkv, heads).unbind(0)
  return self.join_heads(torch.scaled_dot_product_attention(q, k, v))  # scale (D / heads) ** -0.5

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

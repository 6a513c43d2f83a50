# The blocks of the student forward and back with the derivatives written out. Nothing is recorded, so the products may run in oneDNN, which
# autograd does not know, and temporaries are freed at once. The samples of all batches lie one after the other in one sequence S x D; with
# stochastic depth a residual works on the rows of the kept samples alone.

def kept_rows(self, x: Tensor, batches: List[int], tokens: List[int], kept: List[Tensor]) -> Tensor:
  # x: S x D; kept: samples of each batch, none = all
  if len(kept) == 0:
    return x
  D = x.size(1)
  parts = annotate(List[Tensor], [])
  start = 0
  for i in range(len(batches)):
    end = start + batches[i] * tokens[i]
    parts.append(x[start:end].view(batches[i], tokens[i] * D).index_select(0, kept[i]).view(-1, D))
    start = end
  return torch.cat(parts)  # S' x D

def kept_batches(self, batches: List[int], kept: List[Tensor]) -> List[int]:
  if len(kept) == 0:
    return batches
  return [k.size(0) for k in kept]

def add_kept_rows(self, x: Tensor, y: Tensor, batches: List[int], tokens: List[int], kept: List[Tensor], scaled: bool) -> Tensor:
  # x: S x D, changed in place; y: S' x D. Scaled: by what was left out, so that the sum keeps its mean.
  if len(kept) == 0:
    return x.add_(y)
  D = x.size(1)
  to = 0
  start = 0
  for i in range(len(batches)):
    length = batches[i] * tokens[i]
    part = y[start : start + kept[i].size(0) * tokens[i]].view(kept[i].size(0), tokens[i] * D)
    scale = float(batches[i]) / float(kept[i].size(0)) if scaled else 1.0
    x[to : to + length].view(batches[i], tokens[i] * D).index_add_(0, kept[i], part, alpha=scale)
    to = to + length
    start = start + kept[i].size(0) * tokens[i]
  return x

def kept_gradient(self, dy: Tensor, batches: List[int], tokens: List[int], kept: List[Tensor]) -> Tensor:
  # the gradient of the scaled residual, S x D to S' x D
  if len(kept) == 0:
    return dy
  rows = self.kept_rows(dy, batches, tokens, kept)
  start = 0
  for i in range(len(batches)):
    end = start + kept[i].size(0) * tokens[i]
    rows[start:end].mul_(float(batches[i]) / float(kept[i].size(0)))
    start = end
  return rows

def linear_backward(self, dy: Tensor, x: Tensor, p: Dict[str, Tensor], name: str, grads: Dict[str, Tensor]) -> Tensor:
  # dy: S x out, x: S x in. Gradients are in float32 whatever the products are computed in.
  weight = p[name + ".weight"]
  dy = dy.to(weight.dtype)
  grads[name + ".weight"] = self.weight_gradient(dy, x.to(weight.dtype)).to(6)  # out x in
  if (name + ".bias") in p:
    grads[name + ".bias"] = self.bias_gradient(dy)
  return self.affine(dy, weight.t(), None)  # S x in

def bias_gradient(self, dy: Tensor) -> Tensor:
  # dy: S x out
  return dy.sum(0, dtype=6)  # out

def scaled_linear_backward(self, dy: Tensor, x: Tensor, p: Dict[str, Tensor], name: str, layer_scale: str, grads: Dict[str, Tensor]) -> Tensor:
  # dy: S x out, of a product and the LayerScale behind it; x: S x in. gamma's gradient, the sum of dy times the product, follows from
  # that of the weight, and gamma scales weights instead of activations: what went into LayerScale need not be kept.
  if (layer_scale + ".gamma") not in p:
    return self.linear_backward(dy, x, p, name, grads)
  gamma = p[layer_scale + ".gamma"]
  weight = p[name + ".weight"]
  dy = dy.to(weight.dtype)
  dweight = self.weight_gradient(dy, x.to(weight.dtype)).to(6)  # out x in, of the product as if it were not scaled
  dgamma = (dweight * weight).sum(1)
  if (name + ".bias") in p:
    dbias = self.bias_gradient(dy)
    dgamma.addcmul_(dbias, p[name + ".bias"])
    grads[name + ".bias"] = dbias.mul_(gamma)
  grads[layer_scale + ".gamma"] = dgamma
  grads[name + ".weight"] = dweight.mul_(gamma[:, None])
  return self.affine(dy, (weight * gamma[:, None]).to(weight.dtype).t(), None)  # S x in

def norm_forward(self, x: Tensor, p: Dict[str, Tensor], name: str, saved: Dict[str, Tensor]) -> Tensor:
  y, mean, rstd = torch.native_layer_norm(x, [x.size(-1)], p[name + ".weight"], p[name + ".bias"], 1.0e-6)
  saved[name + ".x"] = x
  saved[name + ".mean"] = mean
  saved[name + ".rstd"] = rstd
  return y

def norm_again(self, p: Dict[str, Tensor], name: str, saved: Dict[str, Tensor]) -> Tensor:
  # less work than the memory it would take to keep it
  y, mean, rstd = torch.native_layer_norm(saved[name + ".x"], [saved[name + ".x"].size(-1)], p[name + ".weight"], p[name + ".bias"], 1.0e-6)
  return y

def norm_backward(self, dy: Tensor, p: Dict[str, Tensor], name: str, saved: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
  dx, dweight, dbias = torch.native_layer_norm_backward(
      dy.to(saved[name + ".x"].dtype), saved[name + ".x"], [dy.size(-1)], saved[name + ".mean"], saved[name + ".rstd"],
      p[name + ".weight"], p[name + ".bias"], [True, True, True])
  grads[name + ".weight"] = dweight
  grads[name + ".bias"] = dbias
  return dx

def attention_forward(self, x: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], prefix: str, heads: int, saved: Dict[str, Tensor]) -> Tensor:
  # attention_packed, with what its gradient needs
  D = x.size(1)
  qkv = self.linear(x, p, prefix + "qkv")  # S' x 3D
  outputs = annotate(List[Tensor], [])
  start = 0
  for i in range(len(batches)):
    end = start + batches[i] * tokens[i]
    split = self.split_heads(qkv[start:end].view(batches[i], tokens[i], 3 * D), heads)  # 3 x B x heads x N x d
    if self.explicit_attention(split[0, :, 0]):
      split = split.reshape(3, batches[i] * heads, tokens[i], -1)
      weights = self.attention_weights(split[0], split[1], self.head_scale(D, heads))
      y = torch.bmm(weights, split[2]).view(batches[i], heads, tokens[i], -1)
    else:
      y, weights = torch._scaled_dot_product_flash_attention_for_cpu(split[0], split[1], split[2])
      saved["attention.y" + str(i)] = y
    saved["attention.qkv" + str(i)] = split
    saved["attention.weights" + str(i)] = weights
    outputs.append(self.join_heads(y).view(-1, D))
    start = end
  y = torch.cat(outputs)  # S' x D
  saved["attention"] = y
  return self.linear(y, p, prefix + "proj")

def attention_backward(self, dy: Tensor, batches: List[int], tokens: List[int], x: Tensor, p: Dict[str, Tensor], prefix: str, layer_scale: str, heads: int,
                       saved: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
  # dy: S' x D, of what LayerScale made of the output
  D = dy.size(1)
  dy = self.scaled_linear_backward(dy, saved["attention"], p, prefix + "proj", layer_scale, grads)  # S' x D
  dqkv = dy.new_empty([dy.size(0), 3 * D])
  start = 0
  for i in range(len(batches)):
    end = start + batches[i] * tokens[i]
    q, k, v = saved["attention.qkv" + str(i)].unbind(0)
    weights = saved["attention.weights" + str(i)]
    out = dy[start:end].view(batches[i], tokens[i], heads, -1).transpose(1, 2)  # B x heads x N x d
    if q.dim() == 3:
      out = out.reshape(batches[i] * heads, tokens[i], -1)
      scale = self.head_scale(D, heads)
      dv = torch.bmm(weights.transpose(1, 2), out)
      dscores = torch._softmax_backward_data(torch.bmm(out, v.transpose(1, 2)), weights, -1, weights.dtype)
      nothing = q.new_empty([1, 1, 1])
      dq = torch.baddbmm(nothing, dscores, k, beta=0, alpha=scale)
      dk = torch.baddbmm(nothing, dscores.transpose(1, 2), q, beta=0, alpha=scale)
    else:
      dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(
          out, q, k, v, saved["attention.y" + str(i)], weights, 0.0, False)
    target = self.split_heads(dqkv[start:end].view(batches[i], tokens[i], 3 * D), heads)
    shape = target[0].shape
    target[0].copy_(dq.view(shape))
    target[1].copy_(dk.view(shape))
    target[2].copy_(dv.view(shape))
    start = end
  return self.linear_backward(dqkv, x, p, prefix + "qkv", grads)

def ffn_forward(self, x: Tensor, p: Dict[str, Tensor], prefix: str, saved: Dict[str, Tensor]) -> Tensor:
  if (prefix + "w12.weight") in p:
    gates = self.linear(x, p, prefix + "w12")
    gate, value = gates.chunk(2, -1)
    saved["ffn.inner"] = gates
    return self.linear(torch.silu(gate) * value, p, prefix + "w3")
  inner = self.linear(x, p, prefix + "fc1")
  saved["ffn.inner"] = inner
  return self.linear(torch.gelu(inner), p, prefix + "fc2")

def ffn_backward(self, dy: Tensor, x: Tensor, p: Dict[str, Tensor], prefix: str, layer_scale: str, saved: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
  # dy: S' x D, of what LayerScale made of the output
  inner = saved["ffn.inner"]
  if (prefix + "w12.weight") in p:
    gate, value = inner.chunk(2, -1)
    dhidden = self.scaled_linear_backward(dy, torch.silu(gate) * value, p, prefix + "w3", layer_scale, grads)
    dgates = torch.cat([torch.silu_backward(dhidden * value, gate), dhidden * torch.silu(gate)], -1)
    return self.linear_backward(dgates, x, p, prefix + "w12", grads)
  dhidden = self.scaled_linear_backward(dy, torch.gelu(inner), p, prefix + "fc2", layer_scale, grads)
  return self.linear_backward(torch.gelu_backward(dhidden, inner), x, p, prefix + "fc1", grads)

def block_forward(self, x: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], prefix: str, heads: int,
                  attn_kept: List[Tensor], ffn_kept: List[Tensor]) -> Tuple[Tensor, Dict[str, Tensor]]:
  # x: S x D; returns the block's output and what block_backward needs
  saved = annotate(Dict[str, Tensor], {})
  rows = self.kept_rows(x, batches, tokens, attn_kept)
  y = self.norm_forward(rows, p, prefix + "norm1", saved)
  y = self.attention_forward(y, self.kept_batches(batches, attn_kept), tokens, p, prefix + "attn.", heads, saved)
  x = self.add_residual_rows(x, y, batches, tokens, p, prefix + "ls1", attn_kept)
  rows = self.kept_rows(x, batches, tokens, ffn_kept)
  y = self.norm_forward(rows, p, prefix + "norm2", saved)
  y = self.ffn_forward(y, p, prefix + "mlp.", saved)
  return self.add_residual_rows(x, y, batches, tokens, p, prefix + "ls2", ffn_kept), saved

def add_residual_rows(self, x: Tensor, y: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], name: str, kept: List[Tensor]) -> Tensor:
  if len(kept) == 0:
    if (name + ".gamma") in p:
      return torch.addcmul(x, y, p[name + ".gamma"])
    return x + y
  return self.add_kept_rows(x.clone(), self.layer_scale(y, p, name), batches, tokens, kept, True)

def block_backward(self, dy: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], prefix: str, heads: int,
                   attn_kept: List[Tensor], ffn_kept: List[Tensor], saved: Dict[str, Tensor], grads: Dict[str, Tensor]) -> Tensor:
  # dy: S x D, changed in place into the gradient of the block's input
  dr = self.kept_gradient(dy, batches, tokens, ffn_kept)
  dr = self.ffn_backward(dr, self.norm_again(p, prefix + "norm2", saved), p, prefix + "mlp.", prefix + "ls2", saved, grads)
  dr = self.norm_backward(dr, p, prefix + "norm2", saved, grads)
  dy = self.add_kept_rows(dy, dr, batches, tokens, ffn_kept, False)

  dr = self.kept_gradient(dy, batches, tokens, attn_kept)
  dr = self.attention_backward(
      dr, self.kept_batches(batches, attn_kept), tokens, self.norm_again(p, prefix + "norm1", saved), p, prefix + "attn.", prefix + "ls1", heads,
      saved, grads)
  dr = self.norm_backward(dr, p, prefix + "norm1", saved, grads)
  return self.add_kept_rows(dy, dr, batches, tokens, attn_kept, False)

def kept_of(self, kept: List[Tensor], block: int, residual: int, batches: int) -> List[Tensor]:
  # kept as forward_features_list takes it
  if len(kept) == 0:
    return kept
  first = (2 * block + residual) * batches
  return kept[first : first + batches]

def blocks_forward(self, x: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], heads: int, kept: List[Tensor]) -> Tuple[Tensor, List[Dict[str, Tensor]]]:
  # x: S x D; returns what comes out of the last block, and what blocks_backward needs
  saved = annotate(List[Dict[str, Tensor]], [])
  L = len(batches)
  for i in range(self.depth(p)):
    x, of_block = self.block_forward(
        x, batches, tokens, p, "blocks." + str(i) + ".", heads, self.kept_of(kept, i, 0, L), self.kept_of(kept, i, 1, L))
    saved.append(of_block)
  return x, saved

def blocks_backward(self, dy: Tensor, batches: List[int], tokens: List[int], p: Dict[str, Tensor], heads: int, kept: List[Tensor],
                    saved: List[Dict[str, Tensor]], grads: Dict[str, Tensor]) -> Tensor:
  # dy: S x D, changed in place into the gradient of what went into the first block; what was saved is let go on the way
  L = len(batches)
  for i in range(self.depth(p) - 1, -1, -1):
    dy = self.block_backward(
        dy, batches, tokens, p, "blocks." + str(i) + ".", heads, self.kept_of(kept, i, 0, L), self.kept_of(kept, i, 1, L), saved.pop(), grads)
  return dy

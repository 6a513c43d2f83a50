# One device's share of a step that several devices take together: its images through both backbones, and back.

def replica_forward(self, student: Dict[str, Tensor], teacher: Dict[str, Tensor], global_crops: Tensor, local_crops: Tensor,
                    masks: Tensor, patches: Tensor, kept: List[Tensor], scales: List[float],
                    heads: int, offset: float, antialias: bool) -> List[Tensor]:
  # b of the step's B images. Only what the losses look at leaves the device: class tokens and the n hidden patches.
  nothing = masks.new_empty([0])
  seen = self.forward_features(global_crops, nothing, self.computed(teacher), heads, offset, antialias)
  views = [global_crops]
  hidden = [masks]
  if local_crops.shape[0] > 0:
    views.append(local_crops)
    hidden.append(nothing)
  computed = self.computed(student)
  if len(kept) == 0:
    tokens = self.forward_features_list(views, hidden, kept, computed, heads, offset, antialias)
  else:
    tokens = self.forward_features_shard(views, hidden, kept, scales, computed, heads, offset, antialias)
  cls = tokens[0]["x_norm_clstoken"]                                    # 2b x D
  local_cls = cls.new_empty([0, cls.shape[1]])
  if len(tokens) > 1:
    local_cls = tokens[1]["x_norm_clstoken"]                            # V*b x D
  masked = tokens[0]["x_norm_patchtokens"].flatten(0, 1).index_select(0, patches)      # n x D
  seen_masked = seen["x_norm_patchtokens"].flatten(0, 1).index_select(0, patches)      # n x D
  return [cls, local_cls, masked, seen["x_norm_clstoken"], seen_masked]

def replica_backward(self, tokens: List[Tensor], grads: List[Tensor], trainable: List[Tensor]) -> List[Tensor]:
  # The tokens' graph was kept since replica_forward.
  ends = annotate(List[Optional[Tensor]], [])
  for grad in grads:
    ends.append(grad)
  shares = annotate(List[Tensor], [])
  for share in torch.grad(tokens, trainable, ends):
    assert share is not None, "a parameter of the backbone takes no part in the tokens"
    shares.append(share.contiguous())
  return shares

def forward_features_shard(self, x_list: List[Tensor], masks_list: List[Tensor], kept: List[Tensor], scales: List[float],
                           p: Dict[str, Tensor], heads: int, offset: float, antialias: bool) -> List[Dict[str, Tensor]]:
  # forward_features_list where the kept samples were drawn from the whole batch: a shard may hold more of them than its
  # share, or none, so a residual's factor is that of the whole batch, one in scales for each entry of the list.
  L = len(x_list)
  xs = [self.prepare_tokens(x_list[i], masks_list[i], p, offset, antialias) for i in range(L)]
  for i in range(self.depth(p)):
    first = 2 * L * i
    prefix = "blocks." + str(i) + "."
    attn_kept = kept[first : first + L]
    ffn_kept = kept[first + L : first + 2 * L]
    tokens = [x.size(1) for x in xs]

    subset = self.select_kept(xs, attn_kept)
    batches = [x.size(0) for x in subset]
    y = self.layer_norm(self.pack(subset), p, prefix + "norm1")
    y = self.layer_scale(self.attention_packed(y, batches, tokens, p, prefix + "attn.", heads), p, prefix + "ls1")
    xs = self.add_scaled_residual(xs, self.unpack(y, batches, tokens), attn_kept, scales)

    subset = self.select_kept(xs, ffn_kept)
    batches = [x.size(0) for x in subset]
    y = self.layer_norm(self.pack(subset), p, prefix + "norm2")
    y = self.layer_scale(self.ffn(y, p, prefix + "mlp."), p, prefix + "ls2")
    xs = self.add_scaled_residual(xs, self.unpack(y, batches, tokens), ffn_kept, scales)
  return [self.split_tokens(x, p) for x in xs]

def add_scaled_residual(self, x_list: List[Tensor], residuals: List[Tensor], kept: List[Tensor], scales: List[float]) -> List[Tensor]:
  sums = annotate(List[Tensor], [])
  for i in range(len(x_list)):
    x = x_list[i]
    y = torch.index_add(x.flatten(1), 0, kept[i], residuals[i].flatten(1).to(x.dtype), alpha=scales[i])
    sums.append(y.view_as(x))
  return sums

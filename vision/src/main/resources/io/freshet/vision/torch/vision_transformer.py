# The backbone of DINOv2. Depth, width, patch size, registers and the kind of FFN follow from the parameters in p, which carry the names
# of the official checkpoints; heads and the interpolation of position embeddings do not and are arguments.

def depth(self, p: Dict[str, Tensor]) -> int:
  n = 0
  while ("blocks." + str(n) + ".norm1.weight") in p:
    n = n + 1
  return n

def num_registers(self, p: Dict[str, Tensor]) -> int:
  if "register_tokens" in p:
    return p["register_tokens"].size(1)
  return 0

def prepare_tokens(self, x: Tensor, masks: Tensor, p: Dict[str, Tensor], offset: float, antialias: bool) -> Tensor:
  # x: B x 3 x H x W, masks: B x N bool; masks without elements mask nothing
  B = x.size(0)
  P = p["patch_embed.proj.weight"].size(-1)
  pos_embed = self.interpolate_pos_encoding(p, x.size(2) // P, x.size(3) // P, offset, antialias)
  x = self.patch_embed(x, p)  # B x N x D
  if masks.numel() > 0:
    x = torch.where(masks.unsqueeze(-1), p["mask_token"].to(x.dtype).unsqueeze(0), x)
  x = torch.cat([p["cls_token"].expand(B, -1, -1), x], 1) + pos_embed
  if "register_tokens" in p:
    # registers have no position
    x = torch.cat([x[:, :1], p["register_tokens"].expand(B, -1, -1), x[:, 1:]], 1)
  return x  # B x (1 + R + N) x D

def split_tokens(self, x: Tensor, p: Dict[str, Tensor]) -> Dict[str, Tensor]:
  R = self.num_registers(p)
  x_norm = self.layer_norm(x, p, "norm")
  return {
    "x_norm_clstoken": x_norm[:, 0],  # B x D
    "x_norm_regtokens": x_norm[:, 1 : 1 + R],  # B x R x D
    "x_norm_patchtokens": x_norm[:, 1 + R :],  # B x N x D
    "x_prenorm": x  # B x (1 + R + N) x D
  }

def forward_features(self, x: Tensor, masks: Tensor, p: Dict[str, Tensor], heads: int, offset: float, antialias: bool) -> Dict[str, Tensor]:
  x = self.prepare_tokens(x, masks, p, offset, antialias)
  for i in range(self.depth(p)):
    x = self.block(x, p, "blocks." + str(i) + ".", heads)
  return self.split_tokens(x, p)

def forward_features_list(self, x_list: List[Tensor], masks_list: List[Tensor], kept: List[Tensor], p: Dict[str, Tensor], heads: int, offset: float, antialias: bool) -> List[Dict[str, Tensor]]:
  # Batches of different sizes as one sequence. kept: empty, or for each block the samples that keep their attention residual, one int64
  # tensor a batch, then those that keep their FFN residual, one a batch.
  L = len(x_list)
  xs = [self.prepare_tokens(x_list[i], masks_list[i], p, offset, antialias) for i in range(L)]
  n = self.depth(p)
  assert len(kept) == 0 or len(kept) == 2 * L * n, str(len(kept)) + " index tensors for stochastic depth, " + str(2 * L * n) + " wanted"
  for i in range(n):
    first = 2 * L * i
    xs = self.block_list(xs, p, "blocks." + str(i) + ".", heads, kept[first : first + L], kept[first + L : first + 2 * L])
  return [self.split_tokens(x, p) for x in xs]

def forward_features_packed(self, x_list: List[Tensor], masks_list: List[Tensor], kept: List[Tensor], p: Dict[str, Tensor], heads: int, offset: float, antialias: bool) -> Dict[str, Tensor]:
  # forward_features_list with the names "0.x_norm_clstoken", "1.x_norm_clstoken", ...
  outputs = self.forward_features_list(x_list, masks_list, kept, p, heads, offset, antialias)
  named = annotate(Dict[str, Tensor], {})
  for i in range(len(outputs)):
    for name in ["x_norm_clstoken", "x_norm_regtokens", "x_norm_patchtokens", "x_prenorm"]:
      named[str(i) + "." + name] = outputs[i][name]
  return named

def get_intermediate_layers(self, x: Tensor, p: Dict[str, Tensor], layers: List[int], norm: bool, reshape: bool, heads: int, offset: float, antialias: bool) -> Tuple[List[Tensor], List[Tensor]]:
  # patch tokens B x N x D (reshaped: B x D x H/P x W/P) and class tokens B x D after the given blocks
  P = p["patch_embed.proj.weight"].size(-1)
  rows, columns = x.size(2) // P, x.size(3) // P
  R = self.num_registers(p)
  x = self.prepare_tokens(x, torch.empty([0], dtype=11), p, offset, antialias)
  patches = annotate(List[Tensor], [])
  classes = annotate(List[Tensor], [])
  for i in range(self.depth(p)):
    x = self.block(x, p, "blocks." + str(i) + ".", heads)
    if i in layers:
      y = x
      if norm:
        y = self.layer_norm(x, p, "norm")
      classes.append(y[:, 0])
      patch = y[:, 1 + R :]
      if reshape:
        patch = patch.reshape(patch.size(0), rows, columns, -1).permute(0, 3, 1, 2).contiguous()
      patches.append(patch)
  return patches, classes

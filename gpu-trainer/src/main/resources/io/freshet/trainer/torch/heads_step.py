# Where the replicas' tokens meet: targets, heads and losses of the whole batch on one device, and the way back to the tokens.

def gather_crops(self, shards: List[Tensor], crops: int) -> Tensor:
  # Each shard's rows lie crop after crop; so do those of the whole batch.
  rows = annotate(List[Tensor], [])
  for crop in range(crops):
    for shard in shards:
      images = shard.shape[0] // crops
      rows.append(shard[crop * images : (crop + 1) * images].to(shards[0].device))
  return torch.cat(rows)

def scatter_crops(self, whole: Tensor, shards: List[Tensor], crops: int) -> List[Tensor]:
  # The inverse: the rows of each shard, on its device.
  per_crop = whole.reshape(crops, whole.shape[0] // crops, whole.shape[1])  # crops x B x D
  parts = annotate(List[Tensor], [])
  first = 0
  for shard in shards:
    images = shard.shape[0] // crops
    parts.append(per_crop[:, first : first + images].reshape(shard.shape).to(shard.device))
    first += images
  return parts

def heads_step(self, global_cls: List[Tensor], local_cls: List[Tensor], masked: List[Tensor],
               seen_cls: List[Tensor], seen_masked: List[Tensor], local_crops: int,
               student_heads: Dict[str, Tensor], trainable: List[Tensor], teacher_heads: Dict[str, Tensor],
               patch_weights: Tensor, centers: List[Tensor],
               separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
               teacher_temp: float, student_temp: float,
               dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tuple[Dict[str, Tensor], List[Tensor], List[Tensor]]:
  # Lists: one entry a replica. Returns the report, the gradients of trainable, and those of the tokens: for each
  # replica global_cls, local_cls if there are local crops, masked.
  cls = self.gather_crops(global_cls, 2).detach().requires_grad_(True)  # 2B x D
  hidden = self.gather_crops(masked, 1).detach().requires_grad_(True)   # n x D
  tokens = [cls, hidden]
  local = cls.new_empty([0, cls.shape[1]])
  if local_crops > 0:
    local = self.gather_crops(local_cls, local_crops).detach().requires_grad_(True)  # V*B x D
    tokens.append(local)
  # The hidden patches alone are here, so the losses take each of them, in this order.
  patches = torch.arange(hidden.shape[0], device=hidden.device)
  seen = {"x_norm_clstoken": self.gather_crops(seen_cls, 2), "x_norm_patchtokens": self.gather_crops(seen_masked, 1)[None]}
  dino_targets, ibot_targets, updated = self.teacher_targets(
      seen, teacher_heads, patches, centers, separate_head, sinkhorn, sinkhorn_iterations, center_momentum, teacher_temp)
  losses = self.student_losses(
      cls, local, hidden[None], student_heads, dino_targets, ibot_targets, patches, patch_weights, separate_head, student_temp,
      dino_weight, koleo_weight, ibot_weight)                           # 4

  grads = annotate(List[Tensor], [])
  for grad in torch.grad([losses.sum()], tokens + trainable):
    assert grad is not None, "a token or a head takes no part in the losses"
    grads.append(grad.contiguous())
  global_grads = self.scatter_crops(grads[0], global_cls, 2)
  masked_grads = self.scatter_crops(grads[1], masked, 1)
  local_grads = annotate(List[Tensor], [])
  if local_crops > 0:
    local_grads = self.scatter_crops(grads[2], local_cls, local_crops)
  token_grads = annotate(List[Tensor], [])
  for i in range(len(global_cls)):
    token_grads.append(global_grads[i])
    if local_crops > 0:
      token_grads.append(local_grads[i])
    token_grads.append(masked_grads[i])
  report = {
      "losses": losses.detach(),
      "target_entropy": self.entropy(dino_targets).mean(),
      "mean_target_entropy": self.entropy(dino_targets.mean(0)),
      "koleo_coincidences": torch.stack([self.koleo_coincidences(crop) for crop in cls.chunk(2)]).sum().float(),
      "dino_center": updated[0],
      "ibot_center": updated[1]
  }
  return report, grads[len(tokens):], token_grads

def sum_shares(self, sums: List[Tensor], shares: List[Tensor]) -> List[Tensor]:
  return torch._foreach_add(sums, [shares[i].to(sums[i].device) for i in range(len(sums))])

def norms(self, tensors: List[Tensor]) -> Tensor:
  return torch.stack(torch._foreach_norm(tensors, 2))

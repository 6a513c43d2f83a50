# Forward and backward of one step, in one call: the teacher's targets, the student's losses, their gradients.

def training_step(self, student: Dict[str, Tensor], student_heads: Dict[str, Tensor], trainable: List[Tensor],
                  teacher: Dict[str, Tensor], teacher_heads: Dict[str, Tensor],
                  global_crops: Tensor, local_crops: Tensor,
                  masks: Tensor, patches: Tensor, patch_weights: Tensor, kept: List[Tensor], centers: List[Tensor],
                  heads: int, teacher_attention_heads: int, offset: float, antialias: bool, mask_student: bool,
                  separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
                  teacher_temp: float, student_temp: float,
                  dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  nothing = masks.new_empty([0])
  # The teacher sees whole crops. None of its parameters wants gradients, so no graph is recorded.
  seen = self.forward_features(global_crops, nothing, teacher, teacher_attention_heads, offset, antialias)
  dino_targets, ibot_targets, updated = self.teacher_targets(
      seen, teacher_heads, patches, centers, separate_head, sinkhorn, sinkhorn_iterations, center_momentum, teacher_temp)

  views = [global_crops]
  hidden = [masks if mask_student else nothing]
  if local_crops.shape[0] > 0:
    views.append(local_crops)
    hidden.append(nothing)
  tokens = self.forward_features_list(views, hidden, kept, student, heads, offset, antialias)
  local_cls = global_crops.new_empty([0, 0])
  if len(tokens) > 1:
    local_cls = tokens[1]["x_norm_clstoken"]                            # V*B x D
  losses = self.student_losses(
      tokens[0]["x_norm_clstoken"], local_cls, tokens[0]["x_norm_patchtokens"], student_heads,
      dino_targets, ibot_targets, patches, patch_weights, separate_head, student_temp,
      dino_weight, koleo_weight, ibot_weight)                           # 4
  grads = annotate(List[Tensor], [])
  for grad in torch.grad([losses.sum()], trainable):
    assert grad is not None, "a trainable parameter takes no part in the losses"
    # The optimizer's kernel walks parameter and gradient side by side, so both must lie alike.
    grads.append(grad.contiguous())
  report = {
      "losses": losses.detach(),
      "grad_norms": torch.stack(torch._foreach_norm(grads, 2)),
      "target_entropy": self.entropy(dino_targets).mean(),
      "mean_target_entropy": self.entropy(dino_targets.mean(0)),
      "koleo_coincidences": torch.stack([self.koleo_coincidences(crop) for crop in tokens[0]["x_norm_clstoken"].chunk(2)]).sum().float(),
      "dino_center": updated[0],
      "ibot_center": updated[1]
  }
  return report, grads

def entropy(self, p: Tensor) -> Tensor:
  return -torch.xlogy(p, p).sum(-1)  # nats

# Distillation in two calls, so that many students share one look of their teacher: its targets, then for each
# student forward and backward. Teacher and students see whole crops.

def frozen_targets(self, teacher: Dict[str, Tensor], teacher_heads: Dict[str, Tensor],
                   global_crops: Tensor, patches: Tensor, centers: List[Tensor],
                   heads: int, offset: float, antialias: bool,
                   separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
                   teacher_temp: float) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  nothing = global_crops.new_empty([0])
  seen = self.forward_features(global_crops, nothing, teacher, heads, offset, antialias)
  dino, ibot, updated = self.teacher_targets(
      seen, teacher_heads, patches, centers, separate_head, sinkhorn, sinkhorn_iterations, center_momentum, teacher_temp)
  targets = {
      "dino": dino,                                                     # 2B x K
      "ibot": ibot,                                                     # n x K
      "target_entropy": self.entropy(dino).mean(),
      "mean_target_entropy": self.entropy(dino.mean(0))
  }
  return targets, updated

def distillation_step(self, student: Dict[str, Tensor], student_heads: Dict[str, Tensor], trainable: List[Tensor],
                      global_crops: Tensor, local_crops: Tensor, patches: Tensor, patch_weights: Tensor,
                      dino_targets: Tensor, ibot_targets: Tensor,
                      heads: int, offset: float, antialias: bool, separate_head: bool, student_temp: float,
                      dino_weight: float, koleo_weight: float, ibot_weight: float) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  nothing = global_crops.new_empty([0])
  views = [global_crops]
  hidden = [nothing]
  if local_crops.shape[0] > 0:
    views.append(local_crops)
    hidden.append(nothing)
  kept = annotate(List[Tensor], [])
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
  report = {"losses": losses.detach(), "grad_norms": torch.stack(torch._foreach_norm(grads, 2))}
  return report, grads

# Distillation in two calls, so that many students share one look of their teacher: its targets, then for each
# student forward and backward. Teacher and students see whole crops.

def frozen_targets(self, teacher: Dict[str, Tensor], teacher_heads: Dict[str, Tensor],
                   global_crops: Tensor, patches: Tensor, centers: List[Tensor],
                   heads: int, offset: float, antialias: bool,
                   separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
                   teacher_temp: float) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  nothing = global_crops.new_empty([0])
  seen = self.forward_features(global_crops, nothing, self.computed(teacher), heads, offset, antialias)
  dino, ibot, updated = self.teacher_targets(
      seen, teacher_heads, patches, centers, separate_head, sinkhorn, sinkhorn_iterations, center_momentum, teacher_temp)
  targets = {
      "dino": dino,                                                     # 2B x K
      "ibot": ibot,                                                     # n x K
      "target_entropy": self.entropy(dino).mean(),
      "mean_target_entropy": self.entropy(dino.mean(0))
  }
  return targets, updated

def distillation_step(self, student: Dict[str, Tensor], student_heads: Dict[str, Tensor], trainable: str,
                      global_crops: Tensor, local_crops: Tensor, patches: Tensor, patch_weights: Tensor,
                      dino_targets: Tensor, ibot_targets: Tensor,
                      heads: int, offset: float, antialias: bool, separate_head: bool, student_temp: float,
                      dino_weight: float, koleo_weight: float, ibot_weight: float,
                      written_out: bool) -> Tuple[Dict[str, Tensor], List[Tensor]]:
  return self.student_step(
      global_crops, local_crops, global_crops.new_empty([0]), trainable, student, student_heads, dino_targets, ibot_targets,
      patches, patch_weights, annotate(List[Tensor], []), heads, offset, antialias, separate_head, student_temp,
      dino_weight, koleo_weight, ibot_weight, written_out)

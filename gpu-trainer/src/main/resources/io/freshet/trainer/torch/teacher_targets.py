# What the student is to predict: the teacher's view of whole global crops. Nothing here wants gradients.

def teacher_targets(self, tokens: Dict[str, Tensor], p: Dict[str, Tensor], patches: Tensor, centers: List[Tensor],
                    separate_head: bool, sinkhorn: bool, sinkhorn_iterations: int, center_momentum: float,
                    teacher_temp: float) -> Tuple[Tensor, Tensor, List[Tensor]]:
  first, second = tokens["x_norm_clstoken"].chunk(2)                    # B x D each
  cls = torch.cat([second, first])                                      # 2B x D: row r is the other crop of row r's image
  masked = tokens["x_norm_patchtokens"].flatten(0, 1).index_select(0, patches)  # n x D
  if separate_head:
    cls_logits = self.dino_head(cls, p, "dino_head.")                   # 2B x K
    patch_logits = self.dino_head(masked, p, "ibot_head.")              # n x K
  else:
    cls_logits, patch_logits = self.dino_head(torch.cat([cls, masked]), p, "dino_head.").split([cls.shape[0], masked.shape[0]])
  if sinkhorn:
    dino = self.sinkhorn_knopp(cls_logits, teacher_temp, sinkhorn_iterations)
    ibot = self.sinkhorn_knopp(patch_logits, teacher_temp, sinkhorn_iterations)
    return dino, ibot, centers
  dino = self.softmax_center(cls_logits, centers[0], teacher_temp)
  ibot = self.softmax_center(patch_logits, centers[1], teacher_temp)
  updated = [self.updated_center(cls_logits, centers[0], center_momentum),
             self.updated_center(patch_logits, centers[1], center_momentum)]
  return dino, ibot, updated

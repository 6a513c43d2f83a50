# Teacher targets of DINO: softmax of the logits less their running mean.

def softmax_center(self, logits: Tensor, center: Tensor, teacher_temp: float) -> Tensor:
  return torch.softmax((logits - center) / teacher_temp, -1)  # N x K

def updated_center(self, logits: Tensor, center: Tensor, momentum: float) -> Tensor:
  # The step that the logits are from uses the centre as it was before.
  if logits.shape[0] == 0:
    return center
  return center * momentum + logits.mean(0, True) * (1 - momentum)  # 1 x K

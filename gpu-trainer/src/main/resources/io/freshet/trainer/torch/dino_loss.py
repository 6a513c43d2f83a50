# Cross-entropy between class tokens of different crops: every student crop against every teacher crop.

def dino_loss(self, student: Tensor, teacher: Tensor, student_temp: float) -> Tensor:
  # student: logits S x B x K; teacher: probabilities T x B x K. Sum over the S * T pairs of the mean over B.
  # sum_s sum_t t . log s = (sum_t t) . (sum_s log s), so each crop is read once.
  log_p = torch.log_softmax(student / student_temp, -1).sum(0)  # B x K
  return -(teacher.sum(0) * log_p).sum(-1).mean()

# Cross-entropy between what the student guesses of hidden patches and what the teacher sees there.

def ibot_loss(self, student: Tensor, teacher: Tensor, weights: Tensor, crops: int, student_temp: float) -> Tensor:
  # student: logits n x K; teacher: probabilities n x K; weights: n. Divided by all crops, masked or not.
  log_p = torch.log_softmax(student / student_temp, -1)  # n x K
  return -((teacher * log_p).sum(-1) * weights).sum() / crops

def block(self, x: Tensor, p: Dict[str, Tensor], prefix: str, heads: int) -> Tensor:
  y = self.attention(self.layer_norm(x, p, prefix + "norm1"), p, prefix + "attn.", heads)
  x = x + self.layer_scale(y, p, prefix + "ls1")
  y = self.ffn(self.layer_norm(x, p, prefix + "norm2"), p, prefix + "mlp.")
  return x + self.layer_scale(y, p, prefix + "ls2")

def block_list(self, x_list: List[Tensor], p: Dict[str, Tensor], prefix: str, heads: int, attn_kept: List[Tensor], ffn_kept: List[Tensor]) -> List[Tensor]:
  # attn_kept, ffn_kept: per batch of the list the samples whose residual is computed; both empty = all, without scaling
  tokens = [x.size(1) for x in x_list]

  subset = self.select_kept(x_list, attn_kept)
  batches = [x.size(0) for x in subset]
  y = self.layer_norm(self.pack(subset), p, prefix + "norm1")
  y = self.layer_scale(self.attention_packed(y, batches, tokens, p, prefix + "attn.", heads), p, prefix + "ls1")
  x_list = self.add_residual(x_list, self.unpack(y, batches, tokens), attn_kept)

  subset = self.select_kept(x_list, ffn_kept)
  batches = [x.size(0) for x in subset]
  y = self.layer_norm(self.pack(subset), p, prefix + "norm2")
  y = self.layer_scale(self.ffn(y, p, prefix + "mlp."), p, prefix + "ls2")
  return self.add_residual(x_list, self.unpack(y, batches, tokens), ffn_kept)

def interpolate_pos_encoding(self, p: Dict[str, Tensor], rows: int, columns: int, offset: float, antialias: bool) -> Tensor:
  # The learned grid, resampled to rows x columns patches. It stays untouched only if the input has its number of patches and is square.
  # With offset > 0 the scale factors, not the sizes, place the samples: sources at (i + 0.5) / scale - 0.5 with scale = (rows + offset) / M.
  pos_embed = p["pos_embed"]  # 1 x (1 + M * M) x D
  N = pos_embed.size(1) - 1
  D = pos_embed.size(2)
  M = int(float(N) ** 0.5 + 0.5)
  assert M * M == N, "pos_embed holds " + str(N) + " patches, no square grid"
  if rows * columns == N and rows == columns:
    return pos_embed
  class_pos = pos_embed[:, :1].float()  # 1 x 1 x D
  grid = pos_embed[:, 1:].float().reshape(1, M, M, D).permute(0, 3, 1, 2)  # 1 x D x M x M
  row_scale: Optional[float] = None
  column_scale: Optional[float] = None
  if offset > 0.0:
    row_scale = (float(rows) + offset) / float(M)
    column_scale = (float(columns) + offset) / float(M)
  if antialias:
    grid = torch._upsample_bicubic2d_aa(grid, [rows, columns], False, row_scale, column_scale)
  else:
    grid = torch.upsample_bicubic2d(grid, [rows, columns], False, row_scale, column_scale)
  patch_pos = grid.permute(0, 2, 3, 1).reshape(1, -1, D)  # 1 x rows * columns x D
  return torch.cat([class_pos, patch_pos], 1).to(pos_embed.dtype)  # 1 x (1 + rows * columns) x D

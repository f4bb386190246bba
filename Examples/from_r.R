# fairpost behind a model of R: a data frame goes in, the data frame with fair scores comes back.

fairpost <- function(frame, ...) {
  input <- tempfile(fileext = ".csv")
  output <- tempfile(fileext = ".csv")
  on.exit(unlink(c(input, output)))
  write.csv(frame, input, row.names = FALSE)
  status <- system2("fairpost", shQuote(c(..., "-o", output, input)))
  if (status != 0) stop("fairpost ended with status ", status)
  read.csv(output, check.names = FALSE)
}

if (sys.nframe() == 0) {
  loans <- read.csv(text = system2("fairpost", c("synth", "loans"), stdout = TRUE))
  loans$p <- fitted(glm(repaid ~ age + debt + score, binomial, loans))
  fair <- fairpost(loans, "adjust", "--quiet", "--score", "p", "--group", "sex")
  print(round(sapply(split(fair[c("p", "p.fair")], fair$sex), colMeans), 3))
}

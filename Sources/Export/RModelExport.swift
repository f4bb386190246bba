internal import FairpostLearning
internal import FairpostNumerics

/// A model as a function of R.
enum RModelExport {
  static func code(_ model: ExportedModel, _ about: [String]) -> String {
    var text = ExportText.comments("#", about)
    text += """
      #
      # scores(records) gives a data frame with a column for each of NAMES: records is a data frame or list with the
      # columns of COLUMNS; NA and "" are missing values. Read texts as texts: read.csv(FILE, colClasses = "character").

      COLUMNS <- list(

      """
    text +=
      model.columns.map { column in
        let missing = column.missingIndicator ? "TRUE" : "FALSE"
        let how =
          switch column.kind {
          case .numeric(let mean, let scale, let fill):
            "mean = \(number(mean)), scale = \(number(scale)), fill = \(number(fill))"
          case .categorical(let levels, let other):
            "levels = c(\(ExportText.wrapped(levels.map { quoted($0.bytes) }, indent: "    "))), other = \(other ? "TRUE" : "FALSE")"
          }
        return "  \(quoted(Array(column.name.utf8))) = list(\(how), missing = \(missing))"
      }.joined(separator: ",\n") + "\n)\nLAYERS <- list(\n"
    text +=
      model.layers.map { layer in
        let weights = ExportText.wrapped(layer.weights.joined().map(number), indent: "    ")
        return
          "  list(weights = matrix(c(\(weights)),\n    nrow = \(layer.biases.count), byrow = TRUE),\n    biases = c(\(ExportText.wrapped(layer.biases.map(number), indent: "    "))))"
      }.joined(separator: ",\n") + "\n)\n"
    let activation =
      switch model.activation {
      case .relu: "pmax(x, 0)"
      case .tanh: "tanh(x)"
      case .identity: "x"
      }
    text += "active <- function(x) \(activation)\nTASKS <- list(\n"
    text +=
      model.tasks.map { task in
        let names = task.scoreNames.map { quoted(Array($0.utf8)) }.joined(separator: ", ")
        return "  list(kind = \"\(task.kind.exportWord)\", names = c(\(names)))"
      }.joined(separator: ",\n") + "\n)\n"
    return text + program
  }

  private static func quoted(_ text: [UInt8]) -> String { ExportText.quoted(text) }

  private static func number(_ value: Double) -> String { RExport.number(value) }

  private static let program = """
    NAMES <- unlist(lapply(TASKS, function(task) task$names))

    features_of <- function(records) {
      do.call(cbind, unlist(lapply(names(COLUMNS), function(name) {
        column <- COLUMNS[[name]]
        given <- records[[name]]
        if (is.null(given)) stop("there is no column ", name)
        if (is.null(column$scale)) {
          text <- as.character(given)
          gone <- is.na(text) | text == ""
          own <- lapply(column$levels, function(level) as.numeric(!gone & text == level))
          if (column$other) own <- c(own, list(as.numeric(!gone & !(text %in% column$levels))))
        } else {
          text <- trimws(as.character(given))
          gone <- is.na(text) | text %in% c("", "NA", "NaN", "nan", "null")
          value <- if (is.numeric(given)) given else as.numeric(ifelse(gone, NA, text))
          value[gone] <- column$fill
          own <- list((value - column$mean) / column$scale)
        }
        if (column$missing) own <- c(own, list(as.numeric(gone)))
        own
      }), recursive = FALSE))
    }

    scores <- function(records) {
      values <- features_of(records)
      for (place in seq_along(LAYERS)) {
        layer <- LAYERS[[place]]
        values <- sweep(values %*% t(layer$weights), 2, layer$biases, "+")
        if (place < length(LAYERS)) values <- active(values)
      }
      at <- 0
      result <- list()
      for (task in TASKS) {
        own <- values[, at + seq_along(task$names), drop = FALSE]
        at <- at + length(task$names)
        if (task$kind == "binary") own <- plogis(own)
        if (task$kind == "log") own <- exp(own)
        if (task$kind == "multiclass") {
          powers <- exp(own - do.call(pmax, lapply(seq_len(ncol(own)), function(i) own[, i])))
          own <- powers / rowSums(powers)
        }
        for (i in seq_along(task$names)) result[[task$names[i]]] <- own[, i]
      }
      as.data.frame(result, check.names = FALSE)
    }

    """
}

